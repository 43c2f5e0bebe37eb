// What a client in TypeScript may and may not write; tsc reads it beside the types made of docs/openapi.yaml.
import type { components } from "./api";

type Order = components["schemas"]["Order"];

export const byScheme: Order = { scheme: "visa", count: 2 };
export const ofItems: Order = { items: [{ range: "400000-16", count: 2 }] };
// @ts-expect-error: a way to order is not finished
export const unfinished: Order = { scheme: "visa" };
// @ts-expect-error: no such state
export const state: components["schemas"]["JobStatus"] = "done";
