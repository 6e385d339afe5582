/** From here on a waiting caller is offered a callback: his wait stands out. */
export const LONG_WAIT_S = 60;

/** Reasons for which the hotline itself has taken a seat out: somebody must look after it. */
export const MISSED = ["no_answer", "declined", "unreachable"];
