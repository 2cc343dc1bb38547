/** Style sheets are imported as text. */
declare module '*.css' {
  const rules: string;
  export default rules;
}
