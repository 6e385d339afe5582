/** The part of WebHID (WICG) that the headset needs; TypeScript's DOM library lacks it. */
interface HIDReportItem {
  isConstant?: boolean;
  isRange?: boolean;
  usages?: number[];
  usageMinimum?: number;
  reportSize?: number;
  reportCount?: number;
}

interface HIDReportInfo {
  reportId?: number;
  items?: HIDReportItem[];
}

interface HIDCollectionInfo {
  usagePage?: number;
  inputReports?: HIDReportInfo[];
  outputReports?: HIDReportInfo[];
}

interface HIDInputReportEvent extends Event {
  readonly reportId: number;
  readonly data: DataView;
}

interface HIDDevice extends EventTarget {
  readonly opened: boolean;
  readonly productName: string;
  readonly collections: HIDCollectionInfo[];
  open(): Promise<void>;
  sendReport(reportId: number, data: BufferSource): Promise<void>;
  addEventListener(type: "inputreport", listener: (event: HIDInputReportEvent) => void): void;
}

interface Navigator {
  readonly hid: {
    getDevices(): Promise<HIDDevice[]>;
    requestDevice(options: { filters: { usagePage?: number }[] }): Promise<HIDDevice[]>;
  };
}
