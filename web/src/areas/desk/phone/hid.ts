/** Telephony buttons and lights of HID reports (USB HID Usage Tables 1.4, §8 and §14). */

const HOOK_SWITCH = 0x000b0020;
const PHONE_MUTE = 0x000b002f;
const LED_MUTE = 0x00080009;
const LED_OFF_HOOK = 0x00080017;
const LED_RING = 0x00080018;

/** Null: this report does not tell. */
export interface Presses {
  hook: boolean | null;
  mute: boolean | null;
}

interface Bit {
  usage: number;
  offset: number;
}

/** Offsets in bits of each usage of a report. */
function bitsOf(report: HIDReportInfo): Bit[] {
  const found: Bit[] = [];
  let offset = 0;
  for (const item of report.items ?? []) {
    const size = item.reportSize ?? 0;
    const count = item.reportCount ?? 0;
    for (let n = 0; n < count; n += 1) {
      const usage = item.isRange ? (item.usageMinimum ?? 0) + n : item.usages?.[n];
      if (usage !== undefined && !item.isConstant) found.push({ usage, offset: offset + n * size });
    }
    offset += size * count;
  }
  return found;
}

/** Which buttons an input report says are down; null when it is about others. */
export function pressesIn(collections: HIDCollectionInfo[], id: number, data: DataView): Presses | null {
  const reports = collections.flatMap((one) => one.inputReports ?? []).filter((one) => (one.reportId ?? 0) === id);
  const bits = reports.flatMap(bitsOf);
  const isDown = (usage: number): boolean | null => {
    const bit = bits.find((one) => one.usage === usage);
    if (!bit || bit.offset >= data.byteLength * 8) return null;
    return Boolean((data.getUint8(bit.offset >> 3) >> (bit.offset & 7)) & 1);
  };
  const hook = isDown(HOOK_SWITCH);
  const mute = isDown(PHONE_MUTE);
  return hook === null && mute === null ? null : { hook, mute };
}

/** The output report that shows this state on the device; null when it has no such light. */
export function reportFor(
  collections: HIDCollectionInfo[],
  state: { isRinging: boolean; isTalking: boolean; isMuted: boolean },
): { id: number; data: Uint8Array<ArrayBuffer> } | null {
  const lit = new Map([
    [LED_RING, state.isRinging],
    [LED_OFF_HOOK, state.isTalking],
    [LED_MUTE, state.isMuted],
  ]);
  for (const report of collections.flatMap((one) => one.outputReports ?? [])) {
    const bits = bitsOf(report).filter((one) => lit.has(one.usage));
    if (!bits.length) continue;
    const total = (report.items ?? []).reduce((sum, one) => sum + (one.reportSize ?? 0) * (one.reportCount ?? 0), 0);
    const data = new Uint8Array(Math.ceil(total / 8));
    for (const { usage, offset } of bits)
      if (lit.get(usage)) data[offset >> 3] = (data[offset >> 3] ?? 0) | (1 << (offset & 7));
    return { id: report.reportId ?? 0, data };
  }
  return null;
}
