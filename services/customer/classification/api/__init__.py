"""Routes of classification."""

from services.customer.classification.api import evaluations, schemes

routers = (schemes.router, evaluations.router, evaluations.gaps)
