import type { CodecSpec } from '../../src/codec/codec-spec.js';
import type { DataType } from '../../src/grid/dtype.js';

/** A chunk that another encoder wrote: `values` names the formula (in formulas.ts) that it decodes to. */
export type GoldenVector = {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly codecs: readonly CodecSpec[];
  readonly values: 'wave' | 'terraces';
  readonly base64: string;
};

/**
 * Made once from the formula with Python: zlib, numcodecs 0.16 (gzip, zstd, lz4, blosc, shuffle, delta, fixed scale offset)
 * and imagecodecs (LZW, PackBits, floating point predictor, LERC).
 */
export const GOLDEN_VECTORS: readonly GoldenVector[] = [
  {
    name: 'zlib',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'eNoFwStMAgAABcD3mQmKzE0TBcaEYsICxYQFghgkWcQgySIGKFq0YJGiRQoEoZAwCMWEQQxSJFGkSLKAQe+AEKLYxi4iSCKDY5wjjyLKuMY9zlBHC094RRM9DDHBL8aYYYkgw1wgwATTzDHOFLM85CkLLLHKGzZYYY0PHPCdbfY54pQ/fOOcUEhR/XFVESW1ry3tKK+iytrTkS5VV0sXulVTPQ3V1YvGmmmpD31poQ0nvOJ1x51y1pvOuOCSqz7wiSuuueMr37ntvkd+9LMnntv49LeFNcTwD1t4O+4=',
  },
  {
    name: 'gzip',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'gzip' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'H4sIAGrVBmsC/wXBK0wCAAAFwPeZCYrMTRMFxoRiwgLFhAWCGCRZxCDJIgYoWrRgkaJFCgShkDAIxYRBDFIkUaRIsoBB74AQotjGLiJIIoNjnCOPIsq4xj3OUEcLT3hFEz0MMcEvxphhiSDDXCDABNPMMc4UszzkKQssscobNlhhjQ8c8J1t9jnilD9845xQSFH9cVURJbWvLe0or6LK2tORLlVXSxe6VVM9DdXVi8aaaakPfWmhDSe84nXHnXLWm8644JKrPvCJK6654yvfue2+R370syee2/j0t4U1xPAPSxzfH/AAAAA=',
  },
  {
    name: 'gzip of two members',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'gzip' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'H4sIAGrVBmsC/wXBIQLBAABA0f+zJQdQrEyn0KdYWVqSpkjKCBxAIS2tULgCaZ2kSDuAK5jiPegSMmJKnyExCzak5KzZU1FQcuXOkws3HjT8ePOhJbDnl44DJyZGjp05d2Xm0p1Hz249eLL25R9VxQKAZAAAAB+LCABq1QZrAv8FwaESAWEYhtH/e95xAYwZOmNQJEmSJAWBTuECFApFkigugGAVSbFJUmyhkBSKTQqFczzzLbC7ve1koTlipPlZlBRFGhQoU6dDnxptxsxZMWLGkh1Hthy48OTLmQcfksorooRyKqmqrCpqqaehmupqoKk2mmghT74CrbXXTaHkrnoJF3cZ9weG9AsqjAAAAA==',
  },
  {
    name: 'zstd',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'zstd' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'KLUv/SDwjQYAAk8zMmCv1kAspAxLwbNKNZvfOwsma1aoEWupge2RP/0cLeQcrWY++Z2N3Mkxk4v/IwyIppRSRCABfZm/8I/9dZSTvPXVUwc5x0te+ugWlzjpoX/OecI737x7wQHu3cAyx9jFM8PssopNzLLKJ39YwyibvGEKQ1hkkD1usIIj/HnzQGvMWTMbK0tnCtNWV021pSkVaamjjtSjpIb66UUn2ummXR/KUK8BlPWgApwRRhdp+CKLKp64whOiaCIGQ9hBEUH0MIMV5PDjRgcukKNGBgA=',
  },
  {
    name: 'zstd with checksum',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'zstd' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'KLUv/STwjQYAAk8zMmCv1kAspAxLwbNKNZvfOwsma1aoEWupge2RP/0cLeQcrWY++Z2N3Mkxk4v/IwyIppRSRCABfZm/8I/9dZSTvPXVUwc5x0te+ugWlzjpoX/OecI737x7wQHu3cAyx9jFM8PssopNzLLKJ39YwyibvGEKQ1hkkD1usIIj/HnzQGvMWTMbK0tnCtNWV021pSkVaamjjtSjpIb66UUn2ummXR/KUK8BlPWgApwRRhdp+CKLKp64whOiaCIGQ9hBEUH0MIMV5PDjRgcukKNGBgA1GLFF',
  },
  {
    name: 'zstd of two frames',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'zstd' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'KLUv/SBk9QIAQoYWI6C7HNBLG2wZdUjYHpWZrC8OE6PT3jjIiCAyIoigo4gMUEoBb8Ys2fHiyY8ZGxZ8ePD39jVgbuzIz9SSID1yDNkxo0WKGi9WhIgwYsOEBAMqLNiZWempaTlpACi1L/0gjB0EAMLIHypQVdIB8PPe//y+7/3n9nu+iouWfbzO/9zue7uO73nPe5z+GHlvV23KtEnxEAXx1gqLbdhYVTUV7Fevo356KqibYkopp5lW+iiikDaa6KBdFSV8e7Zr3LRfr0bNOjXp0J1Li/ZsObLmy5IdL57MuDAgcxsOHDPMVtpSlmB+6QUA',
  },
  {
    name: 'lz4',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'lz4' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      '8AAAAPDhAAASACQANgBIACMANQBHAGYAeABTAGUAdwCJAJsAdgCVAKcAuQDLAKYAuADKANwA+wDWAOgA+gAMAR4B+QALASoBPAFOASkBOwFNAV8BcQFZAWsBfQGPAaEBfAGOAaABvwHRAawBvgHQAeIB9AHPAe4BAAISAiQC/wERAiMCNQJUAi8CQQJTAmUCdwJSAmQCgwKVAqcCggKUAqYCuALKArICxALWAugC+gLVAucC+QIYAyoDBQMXAykDOwNNAygDRwNZA2sDfQNYA2oDfAOOA60DiAOaA6wDvgPQA6sDvQPcA+4DAwDbA+0DAgAUACYA',
  },
  {
    name: 'packbits',
    dtype: 'uint8',
    shape: [6, 20],
    codecs: [{ name: 'packbits' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'dwASJDZIIzVHZgBTZXcRI3YdL0FTLkBSZAtecAocLgkbOkxeOUtdbwlpAxUnORQmOFdpRFZoAhRnDiAyRB8xQ1V0T2FzDR9yDCs9Tyo8TmByWmwGGCoFFylIWjVHWWsFWHcRIzUQIjRGZUBSZHYQY3UcLgMbLQIUJg==',
  },
  {
    name: 'lzw',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'lzw' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'gAAAASAAkAA2ABIAAjAA1ABHABmAB4ABTABlAB3ACJACbAB2ACVACnAC5ADLACmAC4ADKADcAD7ADWADoAD6AAMAIeAL5AALAIqAI8AJOAIpAI7AJNAJfAJxAJZAJrAJ9AKPAKhAJ8AKOAKgAK/ALRAKsAK+ALQALiAL0ALPALuAIAAQSAQkAT/AIRAQjAQ1ARUAQvARBARTARlAR3ARSARkASDASVASnASCASUASmAS4ATKASyATEATWAToAT6ATVATnAT5AQYAYqAYFAYXAYpAY7AZNAYoAZHAZZAZrAZ9AZYAZqAZ8AaOAatAaIAaaAasAa+AbQAarAa9AbcAbuAYDADbAbtAYCAAUAAmAEBA',
  },
  {
    name: 'lzw of the older bit order',
    dtype: 'uint8',
    shape: [60, 80],
    codecs: [{ name: 'lzw' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AAEIHEiwoMGDCAkGWMhwYYGHECNKnEixYkQDGDNiVMCxo8ePIEOK9LigpMmSD1KqXMmypcuXKyHInCmTgs2bOHPq3MkTZ4WfQH9mGEq0qNGjSJMW1cC0KVMPUKNKnUq1qlWpH7JqzTqiq9evYMOKHfuVhNmzZlGoXcu2rdu3cNmmmEt3bou7ePPq3cu3b14XgAMDlkG4sOHDiBMrNjyjsePGNyJLnky5suXLk3Fo3qyZh+fPoEOLHk0adI/TqE8HWc26tevXsGO3FkK7Nm0juHPr3s27t2/dR4ILD76kuPHjyJMrX36cifPnzqFIn069uvXr2KlH2c59e5Xv4MOLH0++fHgr6NOj18K+vfv38OPLd7+lvv36X/Lr38+/v///+4Eh4IACkmHggQgmqOCCDCJYxoMQPpjGhBRWaOGFGGZYoRocdsihGyCGKOKIJJZooohvpKhiinO06OKLMMYo44wv0mHjjTbioeOOPPbo449A8pjHkEQO2ceRSCap5JJMNpmkH1BGCaUgVFZp5ZVYZqmllYN06WWXh4Qp5phklmnmmWMiouaaajLi5ptwxinnnHTC2cideN4ZyZ589unnn4AG2qckhBZKqCWIJqrooow26qiil0QqaaSbVGrppZhmqumml3Li6aeegiLqqKSWauqpqJIayqqsrlrKq7DGKuustNYaqym45oqrKrz26uuvwAYrrK+rFGtssa8kq+yyzDbr7LPLwiLttNLSYu212Gar7bbcYlvLt+B+m8u45JZr7rnopluuLuy2y64v8MYr77z01muvvL/kq2++w/Tr778AByzwwP8SY/DBBiOj8MIMN+zwwxAznMzEFE/czMUYZ6zxxhx3nLEzIIcMsjQkl2zyySinrLLJ07TscsvXxCzzzDTXbPPNM2Oj8846c+Pzz0AHLfTQRAPdzdFIHx3O0kw37fTTUEfdtDhUV021OVhnrfXWXHfttdbnhC122OuUbfbZaKet9tpns+P2227DI/fcdNdt99140x3P3nzvXc/fgAcu+OCEFx64PYgnjrg+jDfu+OOQRy654/tUbnnl/2Su+eacd+7555sjRMDopJdu+umop156RQm07vrrsMcu++yvi+TA7bjnrvvuvPee+0sTBC/88MQXb/zxw/OEwfLMN+/889BH33xSHVRv/fXYZ6/99tdbJcL34Icv/vjklx/+WCekr/767Lfv/vvrw8XC/PTXb//9+Odff18x9O///wAMoAAH+D/F2OCACEygAhfIwAYm8DI7iKAEJ0jBClrwghMkDRA2yMEOevCDIAxhB2NThBKa8IQoTKEKV3hC3yjhhTCMoQxnSMMaxnA5T8ihDnfIwx768Ic7xA4VhkjEIhrxiEhMYhHLk4UmOvGJUIyiFKf4RPl44YpYzKIWt8jFLmbxP2MIoxjHSMYymvGMY2QQGtbIxja68Y1wjGMbM9SGOtrxjnjMox73eEcTyeGPgAykIAdJyEIGckZ3SKQiF8nIRjrykYsEEh8mSclKWvKSmMxkJZsUiE568pOgDKUoR/lJLRnilKhMpSpXycpWpvJMi4ilLGdJy1ra8pazpBMkdsnLXvryl8AMZi8DVYliGvOYyEymMpd5TEdp4pnQjKY0p0nNakZzU5/Ipja3yc1uevOb20QVKcZJznKa85zoTGc5a5WKdrrznfCMpzzn+U5hueKe+MynPvfJz37m81mzCKhAB0rQghr0oAPlFi4WytCGOvShEI1oQ9PVi4pa9KIYzahGN3pRewnjoyANqUhHStKShnRgx0ipSlfK0pa69KUrhRgzZkrTmtr0pjjNaU07Fo2e+vSnQA2qUIf6U5VZ46hITapSl8rUpib1ZtuIqlSnStWqWvWqUyUaOLbK1a569atgDWtXo1aOspr1rGhNq1rXelavqeOtcI2rXOdK17rGdW3vyKte98rXvvr1r3vFW0AA',
  },
  {
    name: 'bit-reversed lzw',
    dtype: 'uint8',
    shape: [6, 20],
    codecs: [{ name: 'bit-reverse' }, { name: 'lzw' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'AQBAQoKNBGKsxJkBoMyUO0TE3OCiJ0gZHQFKTEDT4wAKDjqQsHGRoYeTNF32IFkChoocJxRkOKizJEKNBSAozMEhwEQEPkbCVLmQZ8gZLHxOYFDjJY8KDzkGnGixAQYDFVDoKEnQCkGTNVAa4YJDQISFGNPoTLhBYMw1HmDYaLMjCwg=',
  },
  {
    name: 'big-endian',
    dtype: 'int32',
    shape: [6, 20],
    codecs: [{ name: 'bytes', endian: 'big' }],
    values: 'wave',
    base64:
      'AAAAAAAAABIAAAAkAAAANgAAAEgAAAAjAAAANQAAAEcAAABmAAAAeAAAAFMAAABlAAAAdwAAAIkAAACbAAAAdgAAAJUAAACnAAAAuQAAAMsAAACmAAAAuAAAAMoAAADcAAAA+wAAANYAAADoAAAA+gAAAQwAAAEeAAAA+QAAAQsAAAEqAAABPAAAAU4AAAEpAAABOwAAAU0AAAFfAAABcQAAAVkAAAFrAAABfQAAAY8AAAGhAAABfAAAAY4AAAGgAAABvwAAAdEAAAGsAAABvgAAAdAAAAHiAAAB9AAAAc8AAAHuAAACAAAAAhIAAAIkAAAB/wAAAhEAAAIjAAACNQAAAlQAAAIvAAACQQAAAlMAAAJlAAACdwAAAlIAAAJkAAACgwAAApUAAAKnAAACggAAApQAAAKmAAACuAAAAsoAAAKyAAACxAAAAtYAAALoAAAC+gAAAtUAAALnAAAC+QAAAxgAAAMqAAADBQAAAxcAAAMpAAADOwAAA00AAAMoAAADRwAAA1kAAANrAAADfQAAA1gAAANqAAADfAAAA44AAAOtAAADiAAAA5oAAAOsAAADvgAAA9AAAAOrAAADvQAAA9wAAAPuAAAAAwAAA9sAAAPtAAAAAgAAABQAAAAm',
  },
  {
    name: 'float16 big-endian',
    dtype: 'float16',
    shape: [6, 20],
    codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'big' }],
    values: 'wave',
    base64:
      'eNoB8AAP/wAAQIBEgEbASIBEYEagSHBKYEuASTBKUEtwTEhM2EtgTKhNOE3ITlhNME3ATlBO4E/YTrBPQE/QUDBQeE/IUCxQqFDwUThQpFDsUTRRfFHEUWRRrFH0UjxShFHwUjhSgFL8U0RSsFL4U0BTiFPQUzxTuFQAVCRUSFP8VCJURlRqVKhUXlSCVKZUylTuVKRUyFUGVSpVTlUEVShVTFVwVZRVZFWIVaxV0FX0VapVzlXyVjBWVFYKVi5WUlZ2VppWUFaOVrJW1lb6VrBW1Fb4VxxXWlcQVzRXWFd8V6BXVld6V7hX3DYAV7ZX2jQAQQBEwJ+RYeY=',
  },
  {
    name: 'predictor 2 uint8',
    dtype: 'uint8',
    shape: [6, 20],
    codecs: [
      { name: 'zlib' },
      { name: 'bytes', endian: 'little' },
      { name: 'predictor', rowSamples: 20, samplesPerPixel: 1 },
    ],
    values: 'wave',
    base64: 'eNoti8ENgDAMAxkB3YtfNmCZ/LoBK3mBTNQXy+DSRLKlky8HvhdCCSLLeDuVJg/xr+hRe6vai5WNao+x37aHMoxne0aKeTHhA8ZaHW4=',
  },
  {
    name: 'predictor 2 uint16',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [
      { name: 'zlib' },
      { name: 'bytes', endian: 'little' },
      { name: 'predictor', rowSamples: 20, samplesPerPixel: 1 },
    ],
    values: 'wave',
    base64: 'eNpjYBCCwtv/QaQ8nAURk4eylkFpeRRZiHpkHZGMxJn3n5E48zYxEWdeBDNu80T/3GAGkSAxAIILLL8=',
  },
  {
    name: 'predictor 2 int16',
    dtype: 'int16',
    shape: [6, 20],
    codecs: [
      { name: 'zlib' },
      { name: 'bytes', endian: 'little' },
      { name: 'predictor', rowSamples: 20, samplesPerPixel: 1 },
    ],
    values: 'wave',
    base64: 'eNpjYBCCwtv/QaQ8nAURk4eylkFpeRRZiHpkHZGMxJn3n5E48zYxEWdeBDNu80T/3GAGkSAxAIILLL8=',
  },
  {
    name: 'predictor 2 uint32',
    dtype: 'uint32',
    shape: [6, 20],
    codecs: [
      { name: 'zlib' },
      { name: 'bytes', endian: 'little' },
      { name: 'predictor', rowSamples: 20, samplesPerPixel: 1 },
    ],
    values: 'wave',
    base64: 'eNpjYGBgEELDt////w9jy2MRQ1Ynjya2DI0vj0cvsvm47IhkpK77/jNS132bmKjrvghm8twn+uf//xvMCDZMHQB4hFKZ',
  },
  {
    name: 'predictor 2 uint64',
    dtype: 'uint64',
    shape: [6, 20],
    codecs: [
      { name: 'zlib' },
      { name: 'bytes', endian: 'little' },
      { name: 'predictor', rowSamples: 20, samplesPerPixel: 1 },
    ],
    values: 'wave',
    base64: 'eNpjYIAAIQL07f8QgC4uT6Q6XObJE1C3jIC8PJn24nI/qf6IZBzc4fefcXCH3yamwR1+Ecz0DT/RPxD5G8zYxdHNAwDClp5N',
  },
  {
    name: 'predictor 2 float32',
    dtype: 'float32',
    shape: [6, 20],
    codecs: [
      { name: 'zlib' },
      { name: 'bytes', endian: 'little' },
      { name: 'predictor', rowSamples: 20, samplesPerPixel: 1 },
    ],
    values: 'wave',
    base64:
      'eNpjYAABAQcGhgYg7QHEFkBc8x/CtgJiOyBWAeJt/yE0CEsDsRAQXwSKaULZMLzMEZUvD8S3/yP4PEDMCcSv/jM0ANkN/FA+EDe8/Q9nw8V0nDDFkNTB9GPVCxSDy7NAcb0TwwEWBP8AOxB/+4+Qh4lDxUDy6GIoeI0TTr3I+nHZgWw+CDNcQzWPaPcd+c1wwIwFItbym4FhASMDQwUDAFRDVEQ=',
  },
  {
    name: 'predictor 2 of three big-endian bands',
    dtype: 'uint16',
    shape: [6, 20, 3],
    codecs: [
      { name: 'lzw' },
      { name: 'bytes', endian: 'big' },
      { name: 'predictor', rowSamples: 60, samplesPerPixel: 3 },
    ],
    values: 'wave',
    base64:
      'gAAgQSAAkAA2g7/hULABDhoABkLf8HhMTBkQh42iUKikOi8RicIjUMi8OIcbkMUj8YkUoh8eiUUkcYksHAL/AQRAQjjs0jktkkvl0imksisxk0QmNAosOkdLh8fn9Hi0NfhGlD8HNaAAOAAgAAymUupMgqczldOodRpUpp9Vk1rhEri9ApFRqFojFOAQNAQfAQxntSt0xmsnjcyot1qkcst5jlpxspj1tsdBIdXrNbHIADgAFwAIGXu8whlMyVvqeVkGkuENuWL12OvGnitNg4CDYCFoCH+Dy121+IvOy4W001nyN7yfA1vCiFXzUbrg2gI=',
  },
  {
    name: 'predictor 3 float16',
    dtype: 'float16',
    shape: [6, 20],
    codecs: [{ name: 'zlib' }, { name: 'float-predictor', rowSamples: 20, samplesPerPixel: 1 }],
    values: 'wave',
    base64:
      'eNpjcGBhYvrDxMTE+I+RkZHhPxAzbmpgcDjwwOHCB4UNCgo3JnR4TJgwwZcBKPEfiIFKGIAsIIPhPlD8x40JExI8AlJqPDxyPIAgkAFFCYjHIACSAMrWQJTk1HioqASDJSEAxlyupqJit00FCLap2IEIIAhFUwMCfBAlQDUQxUC1KmEoSu4rMtzlZc5RQTNPjeEAAP+6NLM=',
  },
  {
    name: 'predictor 3 float32',
    dtype: 'float32',
    shape: [6, 20],
    codecs: [{ name: 'zlib' }, { name: 'float-predictor', rowSamples: 20, samplesPerPixel: 1 }],
    values: 'wave',
    base64:
      'eNpjcGBgYPzPwMiABPYLNHhY1HhY2alsU1GRFrqoKSQkZMpAHHCE0owM/+FmpgD1y98WEuLhfMUjwMn5lhMITiC0NDQAMZiBxTwnLGKvQAa84+TkBxFA8wQ4WVi/Qw1ogBrVADaWOPNsWVlYOb4BCZbvrOwgAsg6d6Ch4QAQA8kGEBPEItZ9WWCjgGaCCKDTgGayLoQYBTENavQBgub9YWH4w8QwDWgKB9iob0Azj5qxti6oyGhAc98B7PEBAC6zSgE=',
  },
  {
    name: 'predictor 3 float64',
    dtype: 'float64',
    shape: [6, 20],
    codecs: [{ name: 'zlib' }, { name: 'float-predictor', rowSamples: 20, samplesPerPixel: 1 }],
    values: 'wave',
    base64:
      'eNrF0DEKwkAQBdCZSYKmio0gVnsIrZ2j5AqW6baynjJYeQEhR0jnFVLmBqYQCUqMk91CUFvNh/18mOaxwPCRkmbx5BxPptE1CkO6RRTQaThY4NKW1qZsDDMf4Pf5woNLQBTeA0J8oCtEytRTp8zWsDTGFEbTjOSLBlCnNFfYEQFuBpCqGk8rGiNSj+RLEAF7fdC7pQP3uUhbiaaSdihNMZJv7mmAnuaka09Tm0eqURZ/9/XOtXzRdGQ73K6So7z9Xw5/yRMV4FUB',
  },
  {
    name: 'predictor 3 of three bands',
    dtype: 'float32',
    shape: [6, 20, 3],
    codecs: [{ name: 'zstd' }, { name: 'float-predictor', rowSamples: 60, samplesPerPixel: 3 }],
    values: 'wave',
    base64:
      'KLUv/WCgBEUMACYURTlQxSYdW/bKTs3aq9CFAMugxriaYiFW1vzuyBQ4jSxotA9LFE2tS6Ud5w8MbN3AdmNuJG/fRviy7RQ1AC8ANQD88ztAmMCgtZbybxzOfylba1J2dwehdScwtHPWp7s/FM5VC4xaMyW0XtcFlFpQZ2fsP5tzPqfUs7nJAn0DiPuG77vx/YfV7uF7b4zvP7i7D/6v4v4P9m6EEaNQrf+vi0QiPjMH+42xdxfGav8JklXPZ9bwCIGaba3ptO6Nwp0DWc61ddE1wyi1XimeE+jkMufD6TwzpaeUmT4/q3DFaCVFoEUGlCQgLrWAaeMDYna7QHY+4Bo+pO5MxqnWi4QFxXFwdtaMheacbHKYAUZSfUzc71YvbjQg4IKSWtANQkScBSzyD+IsdMOT4hgA5wEKWi1m6EoQwO193EiMaIRf0xhRltW7cmxv4z+j5HO+RB2AcdERdvlOFB23EICze8CgbJoAkGjpgD2A0GG5WfyyMAloYG6UJU8E/YnLXTa+Big0bPtcdr5e',
  },
  {
    name: 'blosc blosclz, no shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEAAgAMAAAADAAAqAEAABQAAADGAAAAIwAAAADgQgMBAAHgBQEBAAXgRQEBAAbgBQEBAArgRQEBAAvgBQEBAA/gRQEBABDgBQEBABTgRQEBABXgBQEBABngRQEBABrgBQEBAB7gRQEBAB/gBQEBACPgRQEBACTgBQEBACjgRQEBACngBQEBAC3gRQEBAC7gBQEBADLgRQEBADPgBQEBADfgRQEBADjgBQEBADzgRQEBAD3gBQEBAEHgRQEBAELgBQEBAEbgRQEBAEfgBQEBAEvgRQEBAEzgAwECAEwAxgAAACNQAFAA4EIDAQBR4AUBAQBV4EUBAQBW4AUBAQBa4EUBAQBb4AUBAQBf4EUBAQBg4AUBAQBk4EUBAQBl4AUBAQBp4EUBAQBq4AUBAQBu4EUBAQBv4AUBAQBz4EUBAQB04AUBAQB44EUBAQB54AUBAQB94EUBAQB+4AUBAQCC4EUBAQCD4AUBAQCH4EUBAQCI4AUBAQCM4EUBAQCN4AUBAQCR4EUBAQCS4AUBAQCW4EUBAQCX4AUBAQCb4EUBAQCc4AMBAgCcAA==',
  },
  {
    name: 'blosc blosclz, shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEBAgAMAAAADAAAlAEAABQAAABnAQAAIwAAAADgGgMBAAGAAAEBBeAdAAEFBoAAAQYK4B0AAQoLgAABCw/gHQABDxCAAAEQFOAdAAEUFYAAARUZ4B0AARkagAABGh7gHQABHh+AAAEfI+AdAAEjJIAAASQo4B0AASgpgAABKS3gHQABLS6AAAEuMuAdAAEyM4AAATM34B0AATc4gAABODzgHQABPD2AAAE9QeAdAAFBQoAAAUJG4B0AAUZHgAABR0vgHQABS0yAAAFMUOAdAAFQUYAAAVFV4B0AAVVWgAABVlrgHQABWluAAAFbX+AdAAFfYIAAAWBk4B0AAWRlgAABZWngHQABaWqAAAFqbuAdAAFub4AAAW9z4B0AAXN0gAABdHjgHQABeHmAAAF5feAdAAF9foAAAX6C4B0AAYKDgAABg4fgHQABh4iAAAGIjOAdAAGMjYAAAY2R4B0AAZGSgAABkpbgHQABlpeAAAGXm+AdAAibnJycnJycnJwRAAAAIwAAAADg///////1AwIAAAA=',
  },
  {
    name: 'blosc blosclz, bitshuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEEAgAMAAAADAAAAgEAABQAAADVAAAALwAAAAAA////////AAAAAADgqwuAAIC5gAGAy4AA4JoXgKKAtAoA//////8A/////+ADEYALAADgAiOAEYGw4HYvgACAswT//////4CmgJugAYAS4AIjoBECAAAA4AAWgCOAAIAp4AkRA//////AFoAjgAGAKeAJEQIAAADgABaAI4AAgCngAxHgAgCAHOAEAeAJKeAJJOAbIwP/////4Aoo4QQrgAHgG03gCSPgDwDgCa3gCQHgIE3gG0zgIU3gQADgHJbgIAHhIA3gjgDhGQ0C////EQAAACMAAAAA4P//////9QMCAAAA',
  },
  {
    name: 'blosc lz4, no shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEgAgAMAAAADAAASQEAABQAAACWAAAAHwABADwbAQIAHwUCADwbBgIAHwoCADwbCwIAHw8CADwbEAIAHxQCADwbFQIAHxkCADwbGgIAHx4CADwbHwIAHyMCADwbJAIAHygCADwbKQIAHy0CADwbLgIAHzICADwbMwIAHzcCADwbOAIAHzwCADwbPQIAH0ECADwbQgIAH0YCADwbRwIAH0sCADwWTAIAUABMAEwAlwAAAC9QAAIAOxtRAgAfVQIAPBtWAgAfWgIAPBtbAgAfXwIAPBtgAgAfZAIAPBtlAgAfaQIAPBtqAgAfbgIAPBtvAgAfcwIAPBt0AgAfeAIAPBt5AgAffQIAPBt+AgAfggIAPBuDAgAfhwIAPBuIAgAfjAIAPBuNAgAfkQIAPBuSAgAflgIAPBuXAgAfmwIAPBacAgBQAJwAnAA=',
  },
  {
    name: 'blosc lz4, shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEhAgAMAAAADAAAUQEAABQAAAAlAQAAHwABABQTAQEAHwUBABQTBgEAHwoBABQTCwEAHw8BABQTEAEAHxQBABQTFQEAHxkBABQTGgEAHx4BABQTHwEAHyMBABQTJAEAHygBABQTKQEAHy0BABQTLgEAHzIBABQTMwEAHzcBABQTOAEAHzwBABQTPQEAH0EBABQTQgEAH0YBABQTRwEAH0sBABQTTAEAH1ABABQTUQEAH1UBABQTVgEAH1oBABQTWwEAH18BABQTYAEAH2QBABQTZQEAH2kBABQTagEAH24BABQTbwEAH3MBABQTdAEAH3gBABQTeQEAH30BABQTfgEAH4IBABQTgwEAH4cBABQTiAEAH4wBABQTjQEAH5EBABQTkgEAH5YBABQTlwEAH5sBABSAnJycnJycnJwQAAAAHwABAP//////7FAAAAAAAA==',
  },
  {
    name: 'blosc lz4, bitshuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEkAgAMAAAADAAAkQEAABQAAABlAQAAEAABABH/AQAACgAPDACjAgIAAcUAAwIAAhIAAgIAAxMAAQIAAhIAAgIAAREAAwIAAhIAAgIAAxMAAQIAAhIAAgIAAREAAwIAAhIAAgIAAxMAAQIAAhIAAgIAAREAAwIAAhIAAgIAAxMAAQIAAhIAEQAMAAMNAAEMAA4SAAIeAAIGAA4eAA4SAAIqAAIGAA4eAA4SAAIqAAIGAA4eAA4SAAIqAAIGAAMCAAG6AAICAA4SAAMqAAIfAAICAAMlAAACAAIRAAMkAAICAAITAAIMAAICAAISAAECAAIRAAOWAAICAAITAAIMAAICAAISAAECAAIRAA9gAAwHAgADMAAIAgAHHgADAgAIHgACAgADGQAHAgACGAANAgAHIgAEAgANJAAJrgACAgAPJAARDwIABQ48AA4CAA88AAUNAgAOOwAPAgAADTYADwIATg+FAAAPAgAoD68ATg8CAEwP+wAMUP//////EAAAAB8AAQD//////+xQAAAAAAA=',
  },
  {
    name: 'blosc lz4hc, no shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEgAgAMAAAADAAASQEAABQAAACWAAAAHwABADwbAQIAHwUCADwbBgIAHwoCADwbCwIAHw8CADwbEAIAHxQCADwbFQIAHxkCADwbGgIAHx4CADwbHwIAHyMCADwbJAIAHygCADwbKQIAHy0CADwbLgIAHzICADwbMwIAHzcCADwbOAIAHzwCADwbPQIAH0ECADwbQgIAH0YCADwbRwIAH0sCADwWTAIAUABMAEwAlwAAAC9QAAIAOxtRAgAfVQIAPBtWAgAfWgIAPBtbAgAfXwIAPBtgAgAfZAIAPBtlAgAfaQIAPBtqAgAfbgIAPBtvAgAfcwIAPBt0AgAfeAIAPBt5AgAffQIAPBt+AgAfggIAPBuDAgAfhwIAPBuIAgAfjAIAPBuNAgAfkQIAPBuSAgAflgIAPBuXAgAfmwIAPBacAgBQAJwAnAA=',
  },
  {
    name: 'blosc lz4hc, shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEhAgAMAAAADAAAUQEAABQAAAAlAQAAHwABABQTAQEAHwUBABQTBgEAHwoBABQTCwEAHw8BABQTEAEAHxQBABQTFQEAHxkBABQTGgEAHx4BABQTHwEAHyMBABQTJAEAHygBABQTKQEAHy0BABQTLgEAHzIBABQTMwEAHzcBABQTOAEAHzwBABQTPQEAH0EBABQTQgEAH0YBABQTRwEAH0sBABQTTAEAH1ABABQTUQEAH1UBABQTVgEAH1oBABQTWwEAH18BABQTYAEAH2QBABQTZQEAH2kBABQTagEAH24BABQTbwEAH3MBABQTdAEAH3gBABQTeQEAH30BABQTfgEAH4IBABQTgwEAH4cBABQTiAEAH4wBABQTjQEAH5EBABQTkgEAH5YBABQTlwEAH5sBABSAnJycnJycnJwQAAAAHwABAP//////7FAAAAAAAA==',
  },
  {
    name: 'blosc lz4hc, bitshuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgEkAgAMAAAADAAAmgAAABQAAABuAAAAEAABABH/AQAfAAwApggSAA8YAKIN2QAP6wAFH/8wAIMN2QAP6wAADxUBCg8nAQUPYABaDqQBDsMBDiUADyQAHQ93AAUPcgA1HwDTABcPTgAnH/9OABIPAQBeH/8BADofAAEArA/fAAxQ//////8QAAAAHwABAP//////7FAAAAAAAA==',
  },
  {
    name: 'blosc zlib, no shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgFgAgAMAAAADAAAxwAAABQAAABVAAAAeNqtwaECRFAAAMEnnEA4gUAgEAgEAsGFEwj8//fom3cmBFeEH3mMiTzFrzzDXF5gKa+wljfYyjvs5QOO8gln+YKrfMNd/sO//MBTfuEtf/AF59VxAVYAAAB42q3CoRZEAAAAQZ9IILhAIBBcINwFAoFAIBD4WH3zvpkwCFURxLIEUtkHMlkOhayESlZDI/tCK+vgJ/tDLxtglE0wyxZYZRvssgNO2QW37IEXAiNhEA==',
  },
  {
    name: 'blosc zlib, shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgFhAgAMAAAADAAAwAAAABQAAACQAAAAeNqNwaGCQQEAAMEnEAgEAoFAIBAIBAKBQCAQCAQCgUBw4S6cQCAQCHyssh+wM0HghBCWIohKMcSlBJJSCmkpg6yUQ14qoCiVUJYqqEo11KUGmlILbamDrtRDXxpgKI0wliaYSjPMpQWW0gpraYOttMNeOuAo/eBX+sO/dMJZuuAq3XCXHnhKL7ylD76I2dIQFAAAAHjaY2AYBaNgFIyCUTASAQAGAAAB',
  },
  {
    name: 'blosc zlib, bitshuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgFkAgAMAAAADAAAfQAAABQAAABNAAAAeNrVkdEKACAMAv3/n7boKRjCGBJ5TzHEcQvY8ACkvu9J5LyIKVX+mS9iUlUcRZ7pZb/4I6rkLKPWujairzRvo7XNBq0gnI7jApRnmIQUAAAAeNpjYBgFo2AUjIJRMBIBAAYAAAE=',
  },
  {
    name: 'blosc zstd, no shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgGQAgAMAAAADAAAkAAAABQAAAB4AAAAKLUv/WAAC3UDABQEAAEFBgoLDxAUFRkaHh8jJCgpLS4yMzc4PD1BQkZHS0xQUVVWWltfYGRlaWpub3N0eHl9foKDh4iMjZGSlpebnABAqBDwB+DHEvgb/IL/f/84nuF4HsfwbI7leZbDciybzfA8z+U4hs1hebdc',
  },
  {
    name: 'blosc zstd, shuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgGRAgAMAAAAAgAANgEAAFUAAAAoAAAAfgAAAK0AAADaAAAABwEAACkAAAAotS/9YAAB/QAAaBkaHh8jJCgpLS4yAAAMkBDwDgB7qmWKS3EVV3HrHCUAAAAotS/9YAAB3QAAYAABBQYKCw8QFBUZAAxQAQB8qmeKq7iKq7jKKwAAACi1L/1gAAENAQBwMjM3ODw9QUJGR0tMAAANkBD4BgB7mimu4ipdxVWc2wIpAAAAKLUv/WAAAf0AAGhQUVVWWltfYGRlaQAADJAQ8A4Ae6pniktxFVdxlTkpAAAAKLUv/WAAAf0AAGhpam5vc3R4eX1+ggAADJAQ8A4Ae6pliktxFVdx6xwrAAAAKLUv/WAAAQ0BAHCCg4eIjI2RkpaXm5wAAA2QEPgGAHuaKa7iKl3FVZzbAg==',
  },
  {
    name: 'blosc zstd, bitshuffle',
    dtype: 'uint16',
    shape: [16, 96],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'terraces',
    base64:
      'AgGUAgAMAAAADAAAbAAAABQAAABUAAAAKLUv/WAAC1UCAHKBAgbgDwBgTAo69oMaoEC9nwHQSISIOvz5Q8aDqtFuWs+g44ggFYWCwvFgznik8kdMdQGhLkiAuQZmzKmWAuGlzlqn6nDZdgqm',
  },
  {
    name: 'blosc stored',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'blosc' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'AgEzAvAAAADwAAAAAAEAAAAAEgAkADYASAAjADUARwBmAHgAUwBlAHcAiQCbAHYAlQCnALkAywCmALgAygDcAPsA1gDoAPoADAEeAfkACwEqATwBTgEpATsBTQFfAXEBWQFrAX0BjwGhAXwBjgGgAb8B0QGsAb4B0AHiAfQBzwHuAQACEgIkAv8BEQIjAjUCVAIvAkECUwJlAncCUgJkAoMClQKnAoIClAKmArgCygKyAsQC1gLoAvoC1QLnAvkCGAMqAwUDFwMpAzsDTQMoA0cDWQNrA30DWANqA3wDjgOtA4gDmgOsA74D0AOrA70D3APuAwMA2wPtAwIAFAAmAA==',
  },
  {
    name: 'shuffle',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'zlib' }, { name: 'shuffle', elementSize: 2 }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'eNpjEFIx81A2dU+rCE4t75xdNnX5ztPLdpy68/vai188cj+5tWz8NK194wsjs2v7F9b0Ldh/cc2+C4++nH/HIKTyX1DZNETfEagxKKV56vKmKUCNm44ANV59/lNCi1UcqFHDHagxIqumb23HLKDG1XvvvGO+/ZZJRI0BD2BkBCJcgImJCYRxAWacgAGIGBgAdic77g==',
  },
  {
    name: 'crc32c',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'crc32c' }, { name: 'zstd' }, { name: 'bytes', endian: 'little' }],
    values: 'wave',
    base64:
      'KLUv/SDwjQYAAk8zMmCv1kAspAxLwbNKNZvfOwsma1aoEWupge2RP/0cLeQcrWY++Z2N3Mkxk4v/IwyIppRSRCABfZm/8I/9dZSTvPXVUwc5x0te+ugWlzjpoX/OecI737x7wQHu3cAyx9jFM8PssopNzLLKJ39YwyibvGEKQ1hkkD1usIIj/HnzQGvMWTMbK0tnCtNWV021pSkVaamjjtSjpIb66UUn2ummXR/KUK8BlPWgApwRRhdp+CKLKp64whOiaCIGQ9hBEUH0MIMV5PDjRgcukKNGBgDAKwMk',
  },
  {
    name: 'column order',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [
      { name: 'bytes', endian: 'little' },
      { name: 'transpose', order: [1, 0] },
    ],
    values: 'wave',
    base64:
      'AACmAFkB/wGyAlgDEgC4AGsBEQLEAmoDJADKAH0BIwLWAnwDNgDcAI8BNQLoAo4DSAD7AKEBVAL6Aq0DIwDWAHwBLwLVAogDNQDoAI4BQQLnApoDRwD6AKABUwL5AqwDZgAMAb8BZQIYA74DeAAeAdEBdwIqA9ADUwD5AKwBUgIFA6sDZQALAb4BZAIXA70DdwAqAdABgwIpA9wDiQA8AeIBlQI7A+4DmwBOAfQBpwJNAwMAdgApAc8BggIoA9sDlQA7Ae4BlAJHA+0DpwBNAQACpgJZAwIAuQBfARICuAJrAxQAywBxASQCygJ9AyYA',
  },
  {
    name: 'transpose',
    dtype: 'int32',
    shape: [3, 4, 5],
    codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'little' }, { name: 'transpose', order: [2, 0, 1] }],
    values: 'wave',
    base64:
      'eNoVzqGWAQAQQNGhknyAQrGdQqfYIm2SVpEUBD5AIUkKZRUfYAudsKtIkiRJCoor3DPnzJswERE5GnT54cidQiLiiwEr/sjYF/lmypoLKa1MmzEbruS1Kj2W7HjwodUZMuefSEaUjBYjfjmR1io0mbDl/P7FfU3vM2PPk6z2SYcFB27vX9y/AKedHaU=',
  },
  {
    name: 'delta',
    dtype: 'int32',
    shape: [120],
    codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'little' }, { name: 'delta', storedType: '<i4' }],
    values: 'wave',
    base64: 'eNpjYGBgEELDt////w9jy2MRQ1Ynj0cvTD8uvcjm47LjBR69o+5DmC/65///G8wINkwdAIeaYtw=',
  },
  {
    name: 'delta stored narrower',
    dtype: 'int32',
    shape: [120],
    codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'little' }, { name: 'delta', storedType: '<i2' }],
    values: 'wave',
    base64: 'eNpjYBCCwtv/QaQ8nAURk0eRBckjy0LUI+t48X/wmSf65wYziASJAQBn/DMM',
  },
  {
    name: 'fixed scale offset',
    dtype: 'float64',
    shape: [120],
    codecs: [
      { name: 'zlib' },
      { name: 'bytes', endian: 'little' },
      { name: 'fixed-scale-offset', offset: 10, scale: 8, storedType: '<i2' },
    ],
    values: 'wave',
    base64:
      'eNoFwS0wA2AABuD3R7CkmGBJMWErFMoUKxTKFkxZmmCKNMEEK5YUK5aUTbDjJIqdO9LKds5WpClTpCnzeZ5WaIde+Aq/oRuGYRzmsAQjijjWsIVFpJHFPo6RQQElVHGDCmpo4gkdNPCIAb7xhz5GmGCGC4wwxiTXucMEU9zmIU+ZY5FlXvCaJ6yzxTZ7vOUzuxxySp/8oRVVXNKsVpRWVsvaUEYFlZTXkSqqqakzXaqhNw30oFf1NdJEHxor4piTnva8E055z6vedM5Fl73rA1dd930495Xvwkt4D/8HgUhI',
  },
  {
    name: 'LERC2 version 2',
    dtype: 'float32',
    shape: [6, 20],
    codecs: [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgAgAAAAYAAAAUAAAAeAAAAAgAAAAfAgAABgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAHBfQAAAAAABAAAAAAAAEEAAAJBAAADYQAAAEEEAAIxAAADUQAAADkEAAExBAABwQQAAJkEAAEpBAABuQQAAiUEAAJtBAABsQQAAlUEAAKdBAAC5QQAAy0EAAKZBAAC4QQAAykEAANxBAAD7QQAA1kEAAOhBAAD6QQAABkIAAA9CAAD5QQCABUIAABVCAAAeQgAAJ0IAgBRCAIAdQgCAJkIAgC9CAIA4QgCALEIAgDVCAIA+QgCAR0IAgFBCAAA+QgAAR0IAAFBCAIBfQgCAaEIAAFZCAABfQgAAaEIAAHFCAAB6QgCAZ0IAAHdCAACAQgCAhEIAAIlCAIB/QgBAhEIAwIhCAECNQgAAlUIAwItCAECQQgDAlEIAQJlCAMCdQgCAlEIAAJlCAMCgQgBApUIAwKlCAICgQgAApUIAgKlCAACuQgCAskIAgKxCAACxQgCAtUIAALpCAIC+QgBAtUIAwLlCAEC+QgAAxkIAgMpCAEDBQgDAxUIAQMpCAMDOQgBA00IAAMpCAMDRQgBA1kIAwNpCAEDfQgAA1kIAgNpCAADfQgCA40IAQOtCAADiQgCA5kIAAOtCAIDvQgAA9EIAwOpCAEDvQgAA90IAgPtCAADAPgDA9kIAQPtCAACAPgAAIEAAAJhA',
  },
  {
    name: 'LERC2 version 3',
    dtype: 'float32',
    shape: [6, 20],
    codecs: [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgAwAAAPfpT+4GAAAAFAAAAHgAAAAIAAAAIwIAAAYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABwX0AAAAAAAQAAAAAAABBAAACQQAAA2EAAABBBAACMQAAA1EAAAA5BAABMQQAAcEEAACZBAABKQQAAbkEAAIlBAACbQQAAbEEAAJVBAACnQQAAuUEAAMtBAACmQQAAuEEAAMpBAADcQQAA+0EAANZBAADoQQAA+kEAAAZCAAAPQgAA+UEAgAVCAAAVQgAAHkIAACdCAIAUQgCAHUIAgCZCAIAvQgCAOEIAgCxCAIA1QgCAPkIAgEdCAIBQQgAAPkIAAEdCAABQQgCAX0IAgGhCAABWQgAAX0IAAGhCAABxQgAAekIAgGdCAAB3QgAAgEIAgIRCAACJQgCAf0IAQIRCAMCIQgBAjUIAAJVCAMCLQgBAkEIAwJRCAECZQgDAnUIAgJRCAACZQgDAoEIAQKVCAMCpQgCAoEIAAKVCAICpQgAArkIAgLJCAICsQgAAsUIAgLVCAAC6QgCAvkIAQLVCAMC5QgBAvkIAAMZCAIDKQgBAwUIAwMVCAEDKQgDAzkIAQNNCAADKQgDA0UIAQNZCAMDaQgBA30IAANZCAIDaQgAA30IAgONCAEDrQgAA4kIAgOZCAADrQgCA70IAAPRCAMDqQgBA70IAAPdCAID7QgAAwD4AwPZCAED7QgAAgD4AACBAAACYQA==',
  },
  {
    name: 'LERC2 version 4',
    dtype: 'float32',
    shape: [6, 20],
    codecs: [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgBAAAALry/AwGAAAAFAAAAAEAAAB4AAAACAAAAC8CAAAGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcF9AAAAAAAAAAAAAgPtCAQAAAAAAABBAAACQQAAA2EAAABBBAACMQAAA1EAAAA5BAABMQQAAcEEAACZBAABKQQAAbkEAAIlBAACbQQAAbEEAAJVBAACnQQAAuUEAAMtBAACmQQAAuEEAAMpBAADcQQAA+0EAANZBAADoQQAA+kEAAAZCAAAPQgAA+UEAgAVCAAAVQgAAHkIAACdCAIAUQgCAHUIAgCZCAIAvQgCAOEIAgCxCAIA1QgCAPkIAgEdCAIBQQgAAPkIAAEdCAABQQgCAX0IAgGhCAABWQgAAX0IAAGhCAABxQgAAekIAgGdCAAB3QgAAgEIAgIRCAACJQgCAf0IAQIRCAMCIQgBAjUIAAJVCAMCLQgBAkEIAwJRCAECZQgDAnUIAgJRCAACZQgDAoEIAQKVCAMCpQgCAoEIAAKVCAICpQgAArkIAgLJCAICsQgAAsUIAgLVCAAC6QgCAvkIAQLVCAMC5QgBAvkIAAMZCAIDKQgBAwUIAwMVCAEDKQgDAzkIAQNNCAADKQgDA0UIAQNZCAMDaQgBA30IAANZCAIDaQgAA30IAgONCAEDrQgAA4kIAgOZCAADrQgCA70IAAPRCAMDqQgBA70IAAPdCAID7QgAAwD4AwPZCAED7QgAAgD4AACBAAACYQA==',
  },
  {
    name: 'LERC2 version 6',
    dtype: 'float32',
    shape: [6, 20],
    codecs: [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgBgAAAFm6S2kGAAAAFAAAAAEAAAB4AAAACAAAAI0BAAAGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABwX0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgPtCAAMBAAAGAAAAAQB4AAAAAQBTAAAAA50AgICAAACAggAAgIIAAICAAAKAAICCAICAAACBgADAgICAwIKAAsCAwICAAMCHgADAgIACwIDAgoCAwIGAAACBgIDAgoACwIDAgIACwIDAgAACAHkAAAACABAASDh8SDo+JDYkJBsSUSkSEhImEhISH1sSEgwJagwPCQltCQkJCSwJCQkJbQkJDwltCQkJCW0PCQQEfwQEBAd2BAQEBHYEBwQEdgQEBAQsBAQEBHYEBAcEdgQEBAR2BwQEBFYEBAQHdgQEBAR2BAcERDYEBCB4AwA6AAAAAwcAgAEAAf8AAYMAAwEA/wGBAACDhQADAQD/AYYAAISOAAABgAABhAGQAACFkQAAhYsABfgIAPgDAQ==',
  },
  {
    name: 'LERC uint8',
    dtype: 'uint8',
    shape: [6, 20],
    codecs: [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgBAAAADHi42QGAAAAFAAAAAEAAAB4AAAACAAAAL8AAAABAAAAAAAAAAAA4D8AAAAAAAAAAAAAAAAAwF1AAAAAAAB3AAABAIcwAAnJhhzVji6glLzwwhXpQeWUo5hwn9iwSn+G51q2AaMqXFIQEc1YBkrJBQCHMGbAtHyPjOwcV2KjY3pz1zTRihZQzo2PnLHqPVVIbe2YXRewdsi4znENNggdL0FTS11vCQ4gMkQ8TmBydxEjNS0CFCY=',
  },
  {
    name: 'LERC int32',
    dtype: 'int32',
    shape: [6, 20],
    codecs: [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgBAAAAIsmpDsGAAAAFAAAAAEAAAB4AAAACAAAAPEAAAAEAAAAAAAAAAAA4D8AAAAAAAAAAAAAAAAAcI9AAAAAAAAAAADuAwAAAMEAijAASECCDUiMUMMRpuCiDDf7WIOOPlmt1ddjofHlGGj/RThijVS+GOSUshJrLbr6VntuvlirzbfjrSOuOevFA4owY9QBhRh0GILJHAltZA9CJ+W0lEm8OZfabs19Fx9zYtL5ZJiASkrqnxWfLDDFJuOsdMm7N4+67tmvDwD2yQKKGJOUcksyOS3V1Vvs+QehiJKSaiuyRV+d9t7rAyABCQ==',
  },
  {
    name: 'LERC float64',
    dtype: 'float64',
    shape: [6, 20],
    codecs: [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgBAAAAEgaVNgGAAAAFAAAAAEAAAB4AAAACAAAABcEAAAHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcF9AAAAAAAAAAAAAAAAAAAAAAABwX0ABAAAAAAAAAAAAAAAAAAACQAAAAAAAABJAAAAAAAAAG0AAAAAAAAAiQAAAAAAAgBFAAAAAAACAGkAAAAAAAMAhQAAAAAAAgClAAAAAAAAALkAAAAAAAMAkQAAAAAAAQClAAAAAAADALUAAAAAAACAxQAAAAAAAYDNAAAAAAACALUAAAAAAAKAyQAAAAAAA4DRAAAAAAAAgN0AAAAAAAGA5QAAAAAAAwDRAAAAAAAAAN0AAAAAAAEA5QAAAAAAAgDtAAAAAAABgP0AAAAAAAMA6QAAAAAAAAD1AAAAAAABAP0AAAAAAAMBAQAAAAAAA4EFAAAAAAAAgP0AAAAAAALBAQAAAAAAAoEJAAAAAAADAQ0AAAAAAAOBEQAAAAAAAkEJAAAAAAACwQ0AAAAAAANBEQAAAAAAA8EVAAAAAAAAQR0AAAAAAAJBFQAAAAAAAsEZAAAAAAADQR0AAAAAAAPBIQAAAAAAAEEpAAAAAAADAR0AAAAAAAOBIQAAAAAAAAEpAAAAAAADwS0AAAAAAABBNQAAAAAAAwEpAAAAAAADgS0AAAAAAAABNQAAAAAAAIE5AAAAAAABAT0AAAAAAAPBMQAAAAAAA4E5AAAAAAAAAUEAAAAAAAJBQQAAAAAAAIFFAAAAAAADwT0AAAAAAAIhQQAAAAAAAGFFAAAAAAACoUUAAAAAAAKBSQAAAAAAAeFFAAAAAAAAIUkAAAAAAAJhSQAAAAAAAKFNAAAAAAAC4U0AAAAAAAJBSQAAAAAAAIFNAAAAAAAAYVEAAAAAAAKhUQAAAAAAAOFVAAAAAAAAQVEAAAAAAAKBUQAAAAAAAMFVAAAAAAADAVUAAAAAAAFBWQAAAAAAAkFVAAAAAAAAgVkAAAAAAALBWQAAAAAAAQFdAAAAAAADQV0AAAAAAAKhWQAAAAAAAOFdAAAAAAADIV0AAAAAAAMBYQAAAAAAAUFlAAAAAAAAoWEAAAAAAALhYQAAAAAAASFlAAAAAAADYWUAAAAAAAGhaQAAAAAAAQFlAAAAAAAA4WkAAAAAAAMhaQAAAAAAAWFtAAAAAAADoW0AAAAAAAMBaQAAAAAAAUFtAAAAAAADgW0AAAAAAAHBcQAAAAAAAaF1AAAAAAABAXEAAAAAAANBcQAAAAAAAYF1AAAAAAADwXUAAAAAAAIBeQAAAAAAAWF1AAAAAAADoXUAAAAAAAOBeQAAAAAAAcF9AAAAAAAAA2D8AAAAAANheQAAAAAAAaF9AAAAAAAAA0D8AAAAAAAAEQAAAAAAAABNA',
  },
  {
    name: 'LERC of three bands',
    dtype: 'int16',
    shape: [6, 20, 3],
    codecs: [{ name: 'lerc', samplesPerPixel: 3, nodata: null }],
    values: 'wave',
    base64:
      'TGVyYzIgBAAAAPILIXcGAAAAFAAAAAMAAAB4AAAACAAAADkCAAACAAAAAAAAAAAA4D8AAAAAAAAAAAAAAAAA4I9AAAAAAAAAEgAMANoD+AP8AwCBAIowANhQAx532JELLv/VGOSdgwqKK7EOEDGEIYUQcowxDQ75ZKGRQmqstBxIEQUlk0hSDTUbRtnlpJ96Si24gRKKMADYUEMQdwySCy7/CRkkkIMKiiuxDhAxxBOFRHKMMQ1C+aSTkUJqrLQcSBFFF5N8Ug01G3rZJZefekotuIEjijABADCEEHgQMkguADIoZJCEDvposQ84EAUUhkgSyTEOagjlk5JG2um0HXDwhReUgPJJNRyi6GWXoH66arhF+YowAgQAwBBC4EHIIAECyKCQThI66KMQPOBAFFAYIkkkDzqoIZRcShpppx50wMEXXlACyicdcoiil2qC+umqRdaKMADYUAMedwySCy7/CRnknYMKiiuxDhAxhCGFRHKMMQ1C+WShkUJqrLQcSBEFJZN8Ug01G3rZ5aSfekotuEXoijAA2CBEEHcMkgsu/wkZJJCDClossQ4QAcUThURyjDENQvmkk5FCOq20HEjhRReTfFINNRt62SWXn3oaLriJAooYvfEmn3+87x4AAMspByCDyif/gAPZYeeghthf3wEHiRSKGL3xtpt/vCN/PADLKZccg8pbX70D2WF3nYbYkz8+B4kMihigWScehp+LH74GrpEHn4mtw/8+CrzJ5x+NuwcAgA0=',
  },
  {
    name: 'LERC in deflate',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'zlib' }, { name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'eNrzSS1KNlJgYWBg4FbYxcYGpEWAmBGIK4CYA4jfAjEzAww8sGdABgX9DhDGO2YGR4YuAwYPhyZej56Aw4LLHiziMf8d0dxnF7n26vXkhR+fSmT8d7VI6g3ZJ/FkyiahbN1dv8Kq8/ZFrD67/fFa5XWWr12ZuwySrzC2SpRINJ2U4cxN4XdSf7pliucey+m38s7WissXJ136mTKjwcvr1XzR+ToGR9Ueryk5udu8f9e7m+v5Gb55MnVJTJ5S5G1kqXv1avSbn+wLOyZNytLe5Bo/99u918wKjJwA6+JTog==',
  },
  {
    name: 'LERC in zstd',
    dtype: 'uint16',
    shape: [6, 20],
    codecs: [{ name: 'zstd' }, { name: 'lerc', samplesPerPixel: 1, nodata: null }],
    values: 'wave',
    base64:
      'KLUv/SDt9QYANA1MZXJjMiAEAAAACyC6BgYAAAAUAAAAAQAAAHgAAAAIAAAA7QAAAAMA4D8AcI9A7gMAQQCKMABIQIINSIxQwxGm4KIMN/tYg44+Wa3V12Oh8eUYaP9FOGKNVL4Y5JSyEmstuvpWe26+WKvNt+OtI64560UDijBj1AGFGHQYgskcCW1kD0In5bSUSbw5l9puzX0XH3Ni0vlkmIBKSuqfFZ8sMMUm46x0ybs3j7ru2a8PAPZJAooYk5RySzI5LdXVW+z5B6GIkpJqK7JFX5323usDIAEJAwAswwB8gABl',
  },
];
