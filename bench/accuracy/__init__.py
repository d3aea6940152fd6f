"""How near suggested figures come to what was sold, beside two naive forecasts (`make report-accuracy`)."""
