// How long tokens and robots may live.

export const DAY = 86_400_000;

/** Days until it ends; none means never. The first is what most pipelines need. */
export const lifetimes = ['90', '30', '7', '365', ''] as const;
