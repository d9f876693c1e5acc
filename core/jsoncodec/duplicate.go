package jsoncodec

import "encoding/json"

// duplicate returns a name that some object in data, which is valid JSON, has
// twice. It reads bytes, not tokens: nothing is decoded but names with escapes.
func duplicate(data []byte) (name string, twice bool) {
	var objects []map[string]struct{} // the open ones, outermost first; nil for a list
	isName := false                   // the next string is
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{':
			objects = append(objects, map[string]struct{}{})
			isName = true
		case '[':
			objects = append(objects, nil)
			isName = false
		case '}', ']':
			objects = objects[:len(objects)-1]
			isName = false
		case ',':
			isName = objects[len(objects)-1] != nil
		case '"':
			end, escaped := endOfString(data, i)
			if isName {
				name := nameOf(data[i:end], escaped)
				names := objects[len(objects)-1]
				if _, twice := names[name]; twice {
					return name, true
				}
				names[name] = struct{}{}
				isName = false
			}
			i = end - 1
		}
	}
	return "", false
}

// endOfString returns the index after the string that begins at start.
func endOfString(data []byte, start int) (end int, escaped bool) {
	for i := start + 1; ; i++ {
		switch data[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			return i + 1, escaped
		}
	}
}

func nameOf(quoted []byte, escaped bool) string {
	if !escaped {
		return string(quoted[1 : len(quoted)-1])
	}
	var name string
	_ = json.Unmarshal(quoted, &name) // a string within valid JSON is valid JSON
	return name
}
