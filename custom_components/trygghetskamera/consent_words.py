"""What people have said of consent, in words. Names are the home's own and go nowhere but to those who ask for them."""

from collections.abc import Mapping

from .camera_words import Words
from .tillsyn.model import Relation
from .tillsyn.people import Person
from .tillsyn.record import Record, moment
from .tillsyn.schedule import local_day


def who(words: Words, person: Person) -> str:
    """Name and relation."""
    return f"{person.name} ({words.word('relation', person.relation).lower()})"


def said_words(words: Words, said: Mapping[str, str]) -> str:
    """How, since when and until when somebody consents, of what ``said`` tells."""
    if not said["how"]:
        return words.word("consent_state", "not_given")
    how = words.word("consent_how", said["how"]).lower()
    return words.word("consent_state", "given").format(how=how, since=said["since"], review=said["review"])


def said(person: Person) -> dict[str, str]:
    """The same as plain values, '' for all where somebody does not consent. Names nobody."""
    if person.how is None or person.review is None:
        return {"relation": person.relation.value, "how": "", "since": "", "review": ""}
    since = local_day(moment(person.given_ms))
    return {
        "relation": person.relation.value,
        "how": person.how.value,
        "since": since.isoformat(),
        "review": person.review.isoformat(),
    }


def person_words(words: Words, person: Person) -> str:
    """One person, and how and since when they consent."""
    return f"**{who(words, person)}**: {said_words(words, said(person))}"


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
