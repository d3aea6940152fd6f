"""A process of its own that forecasts and ends: `python -m services.forecast.suggestion.forecasting`.

Nothing else imports what is in here: the forecasting library takes 130 MB and two seconds to read in, which a service
would hold for good.
"""
