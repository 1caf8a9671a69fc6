// The one thing the console has of the library that makes QR codes; `npm run vendor` bundles it into
// operator_service/static/vendor/qr.js.
/*! qrcode-generator, Copyright (c) 2009 Kazuhiko Arase, MIT License (https://opensource.org/license/mit) */
import qrcode from "qrcode-generator";

/**
 * Which squares are dark, row by row, without the quiet zone (ISO/IEC 18004, level M).
 * @param {string} text
 */
export function squares(text) {
  const made = qrcode(0, "M");
  made.addData(text);
  made.make();
  const places = Array.from({ length: made.getModuleCount() }, (_, at) => at);
  return places.map((row) => places.map((column) => made.isDark(row, column)));
}
