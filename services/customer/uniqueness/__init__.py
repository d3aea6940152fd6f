"""One customer for each company: who enters what may be one company does so one after the other."""
