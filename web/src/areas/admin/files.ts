const EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const BYTES = "application/octet-stream";

/** Options of openapi-fetch that send a file as it is; the document types its body as a string. */
function asBody(file: File, type: string) {
  return {
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as BodyInit,
    headers: { "Content-Type": type },
  };
}

export const excelBody = (file: File) => asBody(file, EXCEL);
export const soundBody = (file: File) => asBody(file, BYTES);
