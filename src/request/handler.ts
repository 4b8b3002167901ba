/** A method that Nest calls from outside, as the start-up checks see it. */
export interface Handler {
  readonly controller: Function;
  readonly name: string;
  readonly method: Function;
}
