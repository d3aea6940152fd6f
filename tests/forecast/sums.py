"""What must be true of every record that was submitted, asked of the database."""

BROKEN_SUMS = """
WITH cell AS (
    SELECT forecast_id, category, sum(own_amount) AS own, sum(gathered_amount) AS gathered,
           sum(adjustment_amount) AS adjustment,
           sum(gathered_quantity) FILTER (WHERE unit_is_whole) AS pieces
    FROM submission_cell GROUP BY 1, 2
), below AS (
    SELECT part.forecast_id, cell.category,
           sum(own_amount + gathered_amount + adjustment_amount) AS amount,
           sum(own_quantity + gathered_quantity + adjustment_quantity) FILTER (WHERE unit_is_whole) AS pieces
    FROM submission_part part JOIN submission_cell cell ON cell.forecast_id = part.from_forecast_id GROUP BY 1, 2
), own AS (
    SELECT forecast_id, category, sum(amount) AS amount
    FROM submission_confirmation JOIN confirmation ON id = confirmation_id GROUP BY 1, 2
), adjusted AS (
    SELECT forecast_id, sum(delta) AS amount FROM submission_adjustment GROUP BY 1
)
SELECT total.* FROM submission_total total JOIN forecast ON forecast.id = total.forecast_id
LEFT JOIN cell USING (forecast_id, category) LEFT JOIN below USING (forecast_id, category)
LEFT JOIN own USING (forecast_id, category)
WHERE forecast.cycle_id = $1::uuid AND (
    total.own <> cell.own OR total.gathered <> cell.gathered OR total.adjustment <> cell.adjustment
    OR total.own <> coalesce(own.amount, 0) OR total.gathered <> coalesce(below.amount, 0)
    OR coalesce(cell.pieces, 0) <> coalesce(below.pieces, 0) OR cell.pieces <> trunc(cell.pieces)
)
UNION ALL
SELECT forecast_id, 'adjustments', sum(total.adjustment), max(adjusted.amount), 0
FROM submission_total total JOIN forecast ON forecast.id = total.forecast_id LEFT JOIN adjusted USING (forecast_id)
WHERE forecast.cycle_id = $1::uuid GROUP BY 1, 2
HAVING sum(total.adjustment) <> coalesce(max(adjusted.amount), 0)
"""
"""Submitted totals that are not the sums of their cells, their confirmations, what they gathered, their adjustments."""

DOUBLED = """
WITH RECURSIVE part (top_id, id) AS (
    SELECT handed_in_id, handed_in_id FROM standing
    WHERE cycle_id = $1::uuid AND handed_in_id IS NOT NULL AND stale_since IS NULL
    UNION ALL
    SELECT top_id, from_forecast_id FROM submission_part JOIN part ON submission_part.forecast_id = part.id
)
SELECT top_id, opportunity_id, count(*) FROM part
JOIN submission_confirmation ON submission_confirmation.forecast_id = part.id
JOIN confirmation ON confirmation.id = confirmation_id
GROUP BY 1, 2 HAVING count(*) > 1
"""
"""Opportunities that a record which holds counts more than once."""

BROKEN_PLANS = """
WITH said AS (
    SELECT plan_id, sum(amount) AS amount, sum(quantity) FILTER (WHERE unit_is_whole) AS pieces
    FROM demand_plan_line GROUP BY 1
), decided AS (
    SELECT plan_id, sum(own_amount + gathered_amount + adjustment_amount) AS amount,
           sum(own_quantity + gathered_quantity + adjustment_quantity) FILTER (WHERE unit_is_whole) AS pieces
    FROM demand_plan_source JOIN submission_cell USING (forecast_id)
    WHERE category IN ('closed', 'commit') GROUP BY 1
)
SELECT plan.id, plan.total, said.*, decided.* FROM demand_plan plan
LEFT JOIN said ON said.plan_id = plan.id LEFT JOIN decided ON decided.plan_id = plan.id
WHERE plan.cycle_id = $1::uuid AND (
    plan.total <> coalesce(said.amount, 0) OR plan.total <> coalesce(decided.amount, 0)
    OR coalesce(said.pieces, 0) <> coalesce(decided.pieces, 0) OR said.pieces <> trunc(said.pieces)
)
"""
"""Plans that are not the sums of their lines, or of what was decided at the top of every line."""

DOUBLED_IN_PLANS = """
WITH RECURSIVE part (plan_id, id) AS (
    SELECT plan_id, forecast_id FROM demand_plan_source JOIN demand_plan ON demand_plan.id = plan_id
    WHERE cycle_id = $1::uuid
    UNION ALL
    SELECT plan_id, from_forecast_id FROM submission_part JOIN part ON submission_part.forecast_id = part.id
)
SELECT plan_id, opportunity_id, count(*) FROM part
JOIN submission_confirmation ON submission_confirmation.forecast_id = part.id
JOIN confirmation ON confirmation.id = confirmation_id
GROUP BY 1, 2 HAVING count(*) > 1
"""
"""Opportunities that a plan counts more than once."""
