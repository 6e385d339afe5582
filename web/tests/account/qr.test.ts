import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";

import { type Matrix, qrMatrix, qrPath } from "@/areas/account/qr";

const ADDRESS =
  "otpauth://totp/12348%E7%83%AD%E7%BA%BF:limei?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=12348%E7%83%AD%E7%BA%BF";

function digest(matrix: Matrix): string {
  const rows = matrix.map((row) => row.map((isDark) => (isDark ? "1" : "0")).join("")).join("\n");
  return createHash("sha256").update(rows).digest("hex").slice(0, 16);
}

describe("a QR code", () => {
  // Each was read back by an independent reader (zxing) when it was written down here.
  it.each([
    ["HELLO", 21, "c346c75add569873"],
    [ADDRESS, 45, "625bc60e35b1df63"],
    ["x".repeat(300), 69, "a6c4c99a50e77d18"],
    ["y".repeat(660), 97, "67df8a8b45564d9f"],
  ])("of %s… is the one that was read back", (text, size, written) => {
    const matrix = qrMatrix(text);
    expect(matrix.length).toBe(size);
    expect(digest(matrix)).toBe(written);
  });

  it("has its three finders and the dark module", () => {
    const matrix = qrMatrix(ADDRESS);
    const last = matrix.length - 1;
    const finder = (x: number, y: number) =>
      [0, 1, 2, 3, 4, 5, 6].map((dy) => [0, 1, 2, 3, 4, 5, 6].map((dx) => (matrix[y + dy]?.[x + dx] ? "#" : ".")).join(""));
    const drawn = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"];
    expect(finder(0, 0)).toEqual(drawn);
    expect(finder(last - 6, 0)).toEqual(drawn);
    expect(finder(0, last - 6)).toEqual(drawn);
    expect(matrix[last - 7]?.[8]).toBe(true);
  });

  it("refuses a text that is too long", () => {
    expect(() => qrMatrix("z".repeat(700))).toThrow(RangeError);
  });

  it("is drawn inside a quiet zone of four modules", () => {
    const { path, size } = qrPath(qrMatrix("HELLO"));
    expect(size).toBe(29);
    const places = [...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].flatMap((one) => [Number(one[1]), Number(one[2])]);
    expect(Math.min(...places)).toBe(4);
    expect(Math.max(...places)).toBe(24);
  });
});
