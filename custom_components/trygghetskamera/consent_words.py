"""What people have said of consent, in words. Names are the home's own and go nowhere but to those who ask for them."""

from .camera_words import Words
from .tillsyn.model import Relation
from .tillsyn.people import Person
from .tillsyn.record import Record, moment
from .tillsyn.schedule import local_day


def who(words: Words, person: Person) -> str:
    """Name and relation."""
    return f"{person.name} ({words.word('relation', person.relation).lower()})"


def person_words(words: Words, person: Person) -> str:
    """One person, and how and since when they consent."""
    if person.how is None or person.review is None:
        return f"**{who(words, person)}**: {words.word('consent_state', 'not_given')}"
    since = local_day(moment(person.given_ms))
    said = words.word("consent_state", "given").format(
        how=words.word("consent_how", person.how).lower(), since=since.isoformat(), review=person.review.isoformat()
    )
    return f"**{who(words, person)}**: {said}"


def people_words(words: Words, record: Record | None) -> str:
    """Everybody, and what that means."""
    people = () if record is None else record.people
    state = words.word("consent_state", _state(record))
    return "\n".join((*(f"- {person_words(words, one)}" for one in people), "", state) if people else (state,))


def _state(record: Record | None) -> str:
    if record is None:
        return "unread"
    if record.consent:
        return "complete" if record.people else "without_names"
    if not record.people:
        return "nobody"
    has_client = any(one.relation is Relation.CLIENT for one in record.people)
    return "left" if has_client else "no_client"
