/** An algorithm as a part of the script: the text that makes its table of functions, and the table's name. */
export interface LuaAlgorithm {
  readonly table: string;
  readonly lua: string;
}
