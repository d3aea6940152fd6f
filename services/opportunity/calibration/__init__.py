"""What own history says of the stages: how likely a win is, how good the configured probabilities were, how long."""
