/** A model at one of its providers. */
export interface Deployment {
  readonly model: string;
  readonly provider: string;
}
