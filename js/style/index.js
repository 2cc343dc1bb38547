import '../src/lab/sidebar/sidebar.css';
