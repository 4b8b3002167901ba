export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
}

export const dashboard: {
  readonly panels: readonly (Panel | { readonly type: 'row'; readonly title: string; id: number })[];
};
export const panels: readonly Panel[];
export function expressionOf(grafana: string, times?: { window?: string; range?: string }): string;
export function allQueries(): { readonly where: string; readonly expr: string }[];
