"""Portfolio plans: targets and coverage over all customers of somebody's people, allocated, approved, tracked."""
