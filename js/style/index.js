import '../src/panel/panel.css';
