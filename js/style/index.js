import '../build/all.css';
