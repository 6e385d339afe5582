import createClient, { type Middleware } from "openapi-fetch";

import type { components, paths } from "./schema";

/** The models of the API by name: `Model<"SeatAnswer">`. */
export type Model<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** What the server answered in place of a success. */
export class ApiFault extends Error {
  constructor(
    readonly status: number,
    /** Stable id, e.g. "seat_busy"; "network" when the server was not reached. */
    readonly error: string,
    /** One sentence for people, in the language of the page. */
    message: string,
    /** The field of the form that is wrong; "" when it is none of them. */
    readonly where = "",
  ) {
    super(message);
  }
}

type Listener = (fault: ApiFault) => void;
const listeners = new Set<Listener>();

/** Hear of every fault, e.g. of 401 when the session has ended. Returns how to stop. */
export function onFault(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(fault: ApiFault): never {
  listeners.forEach((listener) => listener(fault));
  throw fault;
}

const inLanguage: Middleware = {
  onRequest({ request }) {
    // The page's language, not the browser's: who reads Chinese here may have an English Windows.
    request.headers.set("Accept-Language", document.documentElement.lang);
  },
};

const UNREACHED = {
  zh: "无法连接服务器，请检查网络。",
  en: "The server is not reached. Please check the network.",
};

const faults: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const said = (await response.json().catch(() => ({}))) as { error?: string; message?: string; where?: string };
    const message = said.message ?? response.statusText;
    tell(new ApiFault(response.status, said.error ?? "http_error", message, said.where));
  },
  onError() {
    tell(new ApiFault(0, "network", UNREACHED[document.documentElement.lang === "en" ? "en" : "zh"]));
  },
};

/** Typed by the server's own OpenAPI document; throws ApiFault for all that is no success. */
export const api = createClient<paths>({ baseUrl: location.origin });
api.use(inLanguage, faults);

/** The data of an answer that is known to be a success, for `await got(api.GET(…))`. */
export async function got<Data>(asked: Promise<{ data?: Data }>): Promise<Data> {
  return (await asked).data as Data;
}
