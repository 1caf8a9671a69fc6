/** What the code in a picture (RGBA) says; throws where there is none that can be read. */
export function decodeQR(image: { width: number; height: number; data: Uint8ClampedArray }): string;
