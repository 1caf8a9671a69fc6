"""The municipality's side: queue, claims, outcomes and the console. Never sees a picture."""
