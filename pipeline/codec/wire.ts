/** The tags of protobuf fields: number and wire type in one. Source: https://protobuf.dev/programming-guides/encoding/ */
export const varint = (field: number): number => field << 3
export const fixed64 = (field: number): number => (field << 3) | 1
export const len = (field: number): number => (field << 3) | 2
export const fixed32 = (field: number): number => (field << 3) | 5
