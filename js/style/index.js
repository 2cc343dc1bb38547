import '../build/lab.css';
