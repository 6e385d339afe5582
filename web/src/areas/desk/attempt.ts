import { ElMessage } from "element-plus";

import { ApiFault } from "@/api/client";

/** Do what a click asks for; a refusal is said in the server's words. True when it was done. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (fault) {
    if (!(fault instanceof ApiFault)) throw fault;
    ElMessage.error({ message: fault.message, grouping: true });
    return false;
  }
}
