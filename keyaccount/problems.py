"""What the command line cannot go on with: a sentence for a person, with the way out."""


class Unable(Exception):
    """The command cannot do its work; the message says what is lacking and what to do about it."""
