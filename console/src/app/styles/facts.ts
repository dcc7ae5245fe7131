// Styles of pages that show facts: lists of them, timelines, bars of actions. Import it in a lazy page that has such parts.
import '@mantine/core/styles/Table.layer.css';
import '@mantine/core/styles/DataList.layer.css';
import '@mantine/core/styles/Timeline.layer.css';
import '@mantine/core/styles/ActionBar.layer.css';
import '@mantine/core/styles/Scroller.layer.css';
import '@mantine/core/styles/Progress.layer.css';
import '@mantine/core/styles/Card.layer.css';
import '@mantine/core/styles/Paper.layer.css';
import '@mantine/core/styles/Divider.layer.css';
import '@mantine/core/styles/Code.layer.css';
import '@mantine/core/styles/Typography.layer.css';
