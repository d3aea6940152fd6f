"""Named sources of a business unit, and the forecasts they give: distributors, stores, market research, web shop."""
