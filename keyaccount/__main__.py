"""`python -m keyaccount`."""

from keyaccount.main import application

if __name__ == "__main__":
    application(prog_name="keyaccount")
