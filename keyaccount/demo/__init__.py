"""The demo of `keyaccount up`: AdventureWorks, a simulated pipeline beside it, and one forecast walked to its plan."""
