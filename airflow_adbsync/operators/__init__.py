"""One phase of a sync an operator."""
