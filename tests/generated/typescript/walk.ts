// The first walk, by nothing but the types of the generated document.
//
// Reads where to go and by which sign-ins as JSON from standard input, and writes what it met to standard output.

import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Api = Client<paths>;
type Given = {
  url: string;
  admin: { username: string; password: string };
  import_client: { client_id: string; client_secret: string };
};
type Answer<T> = { data?: T; error?: Schemas["Problem"]; response: Response };
type Told = Record<string, unknown>;

const PATIENCE_MILLISECONDS = 30_000;
const LOOK_MILLISECONDS = 20;
const PASSWORD = "a long one, for the walk";

/** Return what an operation that must succeed answered. */
function done<T>({ data, error, response }: Answer<T>): T {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** Return why an operation that must not succeed was refused. */
function refused({ data, error, response }: Answer<unknown>): Schemas["Problem"] {
  if (error === undefined) throw new Error(`${response.url}: ${JSON.stringify(data)}`);
  return error;
}

const key = (): string => randomUUID();
const once = (): { "Idempotency-Key": string } => ({ "Idempotency-Key": key() });

async function signedIn(url: string, form: Schemas["TokenForm"]): Promise<Api> {
  const stranger = createClient<paths>({ baseUrl: url });
  const token = done(
    await stranger.POST("/v1/sign-in/token", {
      body: form,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    }),
  );
  return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token.access_token}` } });
}

/** Enter a customer, twice by one key, and change it by its version. */
async function meet(seller: Api, told: Told): Promise<Schemas["CustomerAnswer"]> {
  const body: Schemas["CustomerInput"] = { legal_name: `Walk ${key().slice(0, 8)} GmbH`, country: "DE", city: "Köln" };
  const request = { body, params: { header: once() } };
  const made = done(await seller.POST("/v1/customers", request));
  const again = await seller.POST("/v1/customers", request);
  told.replayed = [
    JSON.stringify(done(again)) === JSON.stringify(made),
    again.response.headers.get("idempotent-replayed"),
  ];
  const patch: Schemas["CustomerPatch"] = { city: null, website: "walk.example.com" };
  const change = (version: number) =>
    seller.PATCH("/v1/customers/{customer_id}", {
      params: { path: { customer_id: made.id }, header: { "if-match": `"${version}"` } },
      body: patch,
    });
  told.stale = refused(await change(99)).status;
  const changed = done(await change(made.version));
  told.changed = [changed.city, changed.website, changed.version];
  const listed = done(await seller.GET("/v1/customers", { params: { query: { limit: 1, total: true } } }));
  told.customers = [listed.items.length, listed.total];
  return changed;
}

/** Enter an opportunity and move it, past a refusal that says what is missing. */
async function sell(
  seller: Api,
  operations: Api,
  customer: Schemas["CustomerAnswer"],
  told: Told,
): Promise<Schemas["OpportunityAnswer"]> {
  const line = done(await operations.POST("/v1/product-lines", { body: { name: `Line ${key().slice(0, 8)}` } }));
  const product = done(
    await operations.POST("/v1/products", {
      body: {
        code: `W-${key().slice(0, 8)}`,
        name: "Walking sole",
        product_line_id: line.id,
        unit: "pair",
        unit_is_whole: true,
      },
    }),
  );
  const made = done(
    await seller.POST("/v1/opportunities", {
      params: { header: once() },
      body: {
        name: "Soles for walking",
        currency: "USD",
        customer_id: customer.id,
        amount: { amount: "330.33", currency: "USD" },
        expected_close: dayOfQuarter(85),
        lines: [{ product_id: product.id, quantity: "33", unit_price: "10.01" }],
      },
    }),
  );
  const path = { opportunity_id: made.id };
  const move = () =>
    seller.POST("/v1/opportunities/{opportunity_id}/stage-changes", {
      params: { path, header: once() },
      body: { to_stage: "shortlist" },
    });
  const problem = refused(await move());
  const missing = (problem as { missing?: string[] }).missing ?? [];
  told.refused = [problem.status, problem.code, missing];
  for (const criterion of missing) {
    done(
      await seller.PUT("/v1/opportunities/{opportunity_id}/criteria/{criterion}", {
        params: { path: { ...path, criterion } },
        body: {},
      }),
    );
  }
  told.stage = done(await move()).stage;
  const seen = done(await seller.GET("/v1/opportunities/{opportunity_id}", { params: { path } }));
  told.amount = seen.amount && [seen.amount.amount, seen.amount.currency];
  const funnel = done(await seller.GET("/v1/funnel", { params: { query: { scope: "subtree" } } }));
  told.funnel = [funnel.open.count, funnel.open.amount, funnel.won.count, funnel.simulated_count];
  return seen;
}

/** Confirm, gather, submit, approve, and publish what production is to prepare. */
async function forecast(
  seller: Api,
  operations: Api,
  sellerId: string,
  opportunity: Schemas["OpportunityAnswer"],
  told: Told,
): Promise<void> {
  const cycle = done(
    await operations.POST("/v1/forecast-cycles", {
      body: {
        name: `Walk ${key().slice(0, 8)}`,
        currency: "USD",
        period: { kind: "quarter", start: dayOfQuarter(0) },
        head_ids: [sellerId],
      },
    }),
  );
  const path = { cycle_id: cycle.id };
  done(await operations.POST("/v1/forecast-cycles/{cycle_id}/openings", { params: { path } }));
  const candidate = await candidateOf(seller, cycle.id, opportunity);
  const confirmed = done(
    await seller.POST("/v1/forecast-cycles/{cycle_id}/confirmations", {
      params: { path, header: once() },
      body: { category: "commit", opportunity_id: candidate.id, opportunity_version: candidate.version },
    }),
  );
  told.confirmed = confirmed.stated.amount;
  const draft = done(await seller.POST("/v1/forecast-cycles/{cycle_id}/forecasts", { params: { path } }));
  const forecast_id = draft.id;
  const submitted = done(
    await seller.POST("/v1/forecasts/{forecast_id}/submissions", { params: { path: { forecast_id } } }),
  );
  const approved = done(
    await operations.POST("/v1/forecasts/{forecast_id}/approvals", { params: { path: { forecast_id } } }),
  );
  told.forecast = [draft.state, draft.result, submitted.state, approved.state];
  const { levels } = done(await seller.GET("/v1/forecast-cycles/{cycle_id}/roll-up", { params: { path } }));
  told.levels = levels.map((level) => [level.person_id === sellerId, level.result]);
  const published = done(
    await operations.POST("/v1/forecast-cycles/{cycle_id}/demand-plans", { params: { path } }),
  );
  const plan = done(
    await operations.GET("/v1/demand-plans/{plan_id}", { params: { path: { plan_id: published.id } } }),
  );
  if (typeof plan === "string") throw new Error("asked for JSON");
  told.plan = [plan.total, plan.lines.map((each) => [each.quantity, each.amount])];
}

/** Return it as the forecast knows it, as soon as the event of it has come. */
async function candidateOf(
  seller: Api,
  cycle_id: string,
  opportunity: Schemas["OpportunityAnswer"],
): Promise<Schemas["CandidateAnswer"]> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  while (Date.now() < deadline) {
    const page = done(
      await seller.GET("/v1/forecast-cycles/{cycle_id}/candidates", { params: { path: { cycle_id } } }),
    );
    const found = page.items.find((each) => each.id === opportunity.id && each.version >= opportunity.version);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
  throw new Error("the opportunity is not among the candidates");
}

/** Return a day as a date, counted from the first of this quarter. */
function dayOfQuarter(days: number): string {
  const today = new Date();
  const month = today.getUTCMonth();
  return new Date(Date.UTC(today.getUTCFullYear(), month - (month % 3), 1 + days)).toISOString().slice(0, 10);
}

async function main(): Promise<void> {
  const given = JSON.parse(await text(process.stdin)) as Given;
  const admin = await signedIn(given.url, { grant_type: "password", ...given.admin });
  const operations = await signedIn(given.url, { grant_type: "client_credentials", ...given.import_client });
  const name = `walker-${key().slice(0, 8)}`;
  const person = done(await admin.POST("/v1/people", { params: { header: once() }, body: { name } }));
  done(
    await admin.POST("/v1/people/{person_id}/credentials", {
      params: { path: { person_id: person.id } },
      body: { username: name, password: PASSWORD },
    }),
  );
  const seller = await signedIn(given.url, { grant_type: "password", username: name, password: PASSWORD });
  const told: Told = { seller_is_known: done(await seller.GET("/v1/sign-in/me")).person_id === person.id };
  const customer = await meet(seller, told);
  const opportunity = await sell(seller, operations, customer, told);
  await forecast(seller, operations, person.id, opportunity, told);
  process.stdout.write(JSON.stringify(told));
}

await main();
