"""Roll-up: records that gather, adjust and submit what lies below, level by level up to the top."""
