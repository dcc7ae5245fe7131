// What a new image is called, by whichever way it comes to be: one who changes their mind about that keeps it. Pure.

export interface ImageHead {
  /** Chosen; the first one where it is not. */
  namespace?: string;
  name: string;
  type: string;
  description: string;
}

export const isHeadTyped = ({ name, description }: ImageHead) => name.trim() !== '' || description.trim() !== '';

export interface HeadProps {
  namespace: string;
  head: ImageHead;
  change: (part: Partial<ImageHead>) => void;
}
