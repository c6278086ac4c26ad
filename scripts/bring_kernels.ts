/** Brings the guest kernels into the cache, before tests need them: part of `setup.mjs --test`. */
import { findKernel, GUEST_KERNELS } from '../test/guest/kernels.ts'

for (const version of GUEST_KERNELS) findKernel(version)
