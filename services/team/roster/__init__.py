"""People as another system lists them: with unit, superior, roles and departure, added or brought up to date."""
