"""What is true: values, states and rules that need no I/O. Imports only `lhwa.errors`."""
