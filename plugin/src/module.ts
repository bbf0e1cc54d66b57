import { FieldConfigProperty, PanelPlugin } from '@grafana/data';
import { ComparisonPanel } from './ComparisonPanel';
import { addOptions, type PanelOptions } from './options';
import { suggestionsSupplier } from './suggestions';

export const plugin = new PanelPlugin<PanelOptions>(ComparisonPanel)
  .setPanelOptions(addOptions)
  .useFieldConfig({
    // The panel judges by the exporter's verdicts and has values of several units, so what would paint or
    // rescale single fields is left out; colour by override, the unit of latencies and data links of replicas stay.
    disableStandardOptions: [
      FieldConfigProperty.Min,
      FieldConfigProperty.Max,
      FieldConfigProperty.Decimals,
      FieldConfigProperty.DisplayName,
      FieldConfigProperty.NoValue,
      FieldConfigProperty.Thresholds,
      FieldConfigProperty.Mappings,
      FieldConfigProperty.Filterable,
    ],
    standardOptions: {
      [FieldConfigProperty.Color]: { defaultValue: { mode: 'palette-classic' } },
    },
  })
  .setSuggestionsSupplier(suggestionsSupplier);
