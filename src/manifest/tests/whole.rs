//! What is wrong with a pipeline although each of its lines is in order.
