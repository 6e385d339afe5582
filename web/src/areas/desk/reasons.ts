/** Why a seat is not ready, as its lawyer may say it; the words are `reason.<id>` in names.ts. */
export const REASONS = ["break", "meal", "meeting", "training", "record", "other"] as const;
