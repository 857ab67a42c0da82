#pragma once
// Poppler's headers are C++: CPDFText includes them, Swift does not.
