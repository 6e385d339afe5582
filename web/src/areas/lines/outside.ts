import { api, got, type Model } from "@/api/client";

import { useWhole } from "./whole";

export type Line = Required<Model<"LineRow">>;
export type Service = Required<Model<"ServiceRow">>;
export type Phone = Model<"PhoneRow">;

export const useLines = () =>
  useWhole<Model<"LinesAnswer">, Line>({
    kind: "lines",
    look: () => got(api.GET("/api/v1/province/lines")),
    rows: (answer) => answer.lines as Line[],
    check: (lines, revision) => got(api.POST("/api/v1/province/lines/check", { body: { lines, revision } })),
    save: (lines, revision, reason) => got(api.POST("/api/v1/province/lines", { body: { lines, revision, reason } })),
  });

export const useServices = () =>
  useWhole<Model<"ServicesAnswer">, Service>({
    kind: "services",
    look: () => got(api.GET("/api/v1/province/services")),
    rows: (answer) => answer.services as Service[],
    check: (services, revision) => got(api.POST("/api/v1/province/services/check", { body: { services, revision } })),
    save: (services, revision, reason) =>
      got(api.POST("/api/v1/province/services", { body: { services, revision, reason } })),
  });

export const usePhones = () =>
  useWhole<Model<"PhonesAnswer">, Phone>({
    kind: "phones",
    look: () => got(api.GET("/api/v1/province/phones")),
    rows: (answer) => answer.phones,
    check: (phones, revision) => got(api.POST("/api/v1/province/phones/check", { body: { phones, revision } })),
    save: (phones, revision, reason) => got(api.POST("/api/v1/province/phones", { body: { phones, revision, reason } })),
  });
