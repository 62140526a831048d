import { describe, expect, it } from 'vitest';
import { decodeBase64, decodeHex, encodeBase64, encodeHex, type Decoded } from './bytes';

const read = (decoded: Decoded) =>
  decoded.ok ? [...decoded.bytes] : `${decoded.error.problem} at ${decoded.error.offset}`;

describe('hex', () => {
  it.each<[string, number[] | string]>([
    ['', []],
    ['00ff', [0, 255]],
    ['DE ad\nbe:ef', [0xde, 0xad, 0xbe, 0xef]],
    ['0x01, 0x0a', [1, 10]],
    ['00x0', 'hex_digit at 2'],
    ['0g', 'hex_digit at 1'],
    ['ab c', 'hex_odd at 3'],
    ['a b', 'hex_odd at 0'],
    ['ａ0', 'hex_digit at 0'],
  ])('reads %j', (text, expected) => {
    expect(read(decodeHex(text))).toEqual(expected);
  });

  it('writes what it reads', () => {
    expect(encodeHex(new Uint8Array([0, 10, 255]))).toBe('00 0a ff');
  });
});

describe('Base64', () => {
  it.each<[string, number[] | string]>([
    ['', []],
    ['/wA=', [255, 0]],
    ['/wA', [255, 0]],
    [' aGV\nsbG8= ', [104, 101, 108, 108, 111]],
    ['aGVs bG8h', [104, 101, 108, 108, 111, 33]],
    ['a', 'base64_length at 0'],
    ['ab_d', 'base64_digit at 2'],
    ['/w==A', 'base64_padding at 3'],
    ['/w=', 'base64_padding at 2'],
    ['/w===', 'base64_padding at 4'],
    ['/x==', 'base64_digit at 3'],
  ])('reads %j', (text, expected) => {
    expect(read(decodeBase64(text))).toEqual(expected);
  });

  it('comes back unchanged, however long', () => {
    const bytes = Uint8Array.from({ length: 100_003 }, (_, at) => (at * 31) & 0xff);
    expect(decodeBase64(encodeBase64(bytes))).toEqual({ ok: true, bytes });
  });
});
